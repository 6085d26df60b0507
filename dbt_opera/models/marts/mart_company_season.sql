{{ config(indexes=[
    {'columns': ['company_id', 'season_id'], 'unique': true},
    {'columns': ['season_year', 'country']},
    {'columns': ['company_name']},
]) }}

with productions as (
    select * from {{ ref('core_productions') }}
    where is_counted
),

production_works as (
    select * from {{ ref('core_production_works') }}
    where extent is null or extent = 'complete'
),

works as (
    select * from {{ ref('core_opera_works') }}
),

seasons as (
    select * from {{ ref('core_seasons') }}
),

companies as (
    select * from {{ ref('core_companies') }}
),

performances as (
    select * from {{ ref('core_performances') }}
),

cast_assignments as (
    select * from {{ ref('core_cast_assignments') }}
    where not is_cover
),

evenings as (
    select
        production_id,
        count(*) as announced_count,
        count(*) filter (where status not in ('cancelled', 'withdrawn', 'moved')) as on_count,
        count(*) filter (where status = 'cancelled') as cancelled_count,
        count(*) filter (where status = 'withdrawn') as withdrawn_count,
        count(*) filter (where availability = 'sold_out') as sold_out_count,
        min(performance_date) as first_date,
        max(performance_date) as last_date
    from performances
    group by production_id
),

played as (
    select
        productions.season_id,
        count(distinct production_works.opera_work_id) as works_count,
        count(distinct works.composer_id) as composers_count
    from productions
    inner join production_works on productions.id = production_works.production_id
    inner join works on production_works.opera_work_id = works.id
    group by productions.season_id
),

sung as (
    select
        productions.season_id,
        count(distinct cast_assignments.performer_id) as performers_count
    from productions
    inner join cast_assignments on productions.id = cast_assignments.production_id
    group by productions.season_id
),

counted as (
    select
        productions.season_id,
        count(*) as productions_count,
        count(*) filter (where productions.production_type = 'new') as new_productions_count,
        count(*) filter (where productions.production_type = 'revival') as revivals_count,
        count(*) filter (where productions.presentation in ('concert', 'semi_staged')) as concerts_count,
        sum(evenings.announced_count) as announced_performances_count,
        sum(evenings.on_count) as performances_count,
        sum(evenings.cancelled_count) as cancelled_performances_count,
        sum(evenings.withdrawn_count) as withdrawn_performances_count,
        sum(evenings.sold_out_count) as sold_out_performances_count,
        min(evenings.first_date) as first_performance_date,
        max(evenings.last_date) as last_performance_date,
        case when count(distinct productions.ticket_price_currency) = 1 then min(productions.ticket_price_min) end
            as ticket_price_min,
        case when count(distinct productions.ticket_price_currency) = 1 then max(productions.ticket_price_max) end
            as ticket_price_max,
        case when count(distinct productions.ticket_price_currency) = 1 then min(productions.ticket_price_currency) end
            as ticket_price_currency,
        round(avg(productions.data_quality_score), 2) as data_quality_score
    from productions
    left join evenings on productions.id = evenings.production_id
    where productions.season_id is not null
    group by productions.season_id
),

named as (
    select
        seasons.company_id,
        counted.season_id,
        companies.name as company_name,
        companies.city,
        companies.country,
        companies.region,
        companies.tier as company_tier,
        companies.venue_capacity as company_capacity,
        seasons.season_name,
        extract(year from seasons.start_date)::integer as season_year,
        seasons.is_current,
        counted.productions_count::bigint as productions_count,
        counted.new_productions_count::bigint as new_productions_count,
        counted.revivals_count::bigint as revivals_count,
        counted.concerts_count::bigint as concerts_count,
        coalesce(played.works_count, 0)::bigint as works_count,
        coalesce(played.composers_count, 0)::bigint as composers_count,
        coalesce(sung.performers_count, 0)::bigint as performers_count,
        coalesce(counted.announced_performances_count, 0)::bigint as announced_performances_count,
        coalesce(counted.performances_count, 0)::bigint as performances_count,
        coalesce(counted.cancelled_performances_count, 0)::bigint as cancelled_performances_count,
        coalesce(counted.withdrawn_performances_count, 0)::bigint as withdrawn_performances_count,
        coalesce(counted.sold_out_performances_count, 0)::bigint as sold_out_performances_count,
        counted.first_performance_date,
        counted.last_performance_date,
        counted.ticket_price_min::numeric(12, 2) as ticket_price_min,
        counted.ticket_price_max::numeric(12, 2) as ticket_price_max,
        counted.ticket_price_currency,
        counted.data_quality_score::numeric(3, 2) as data_quality_score
    from counted
    inner join seasons on counted.season_id = seasons.id
    inner join companies on seasons.company_id = companies.id
    left join played on counted.season_id = played.season_id
    left join sung on counted.season_id = sung.season_id
)

select * from named
