{{ config(indexes=[
    {'columns': ['opera_work_id', 'season_year'], 'unique': true},
    {'columns': ['composer']},
    {'columns': ['season_year']},
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
    where status not in ('cancelled', 'withdrawn', 'moved')
),

evenings as (
    select
        production_id,
        count(*) as performances_count
    from performances
    group by production_id
),

-- Each work of a double bill counts for itself, the evening once for each.
staged_works as (
    select
        production_works.opera_work_id,
        extract(year from seasons.start_date)::integer as season_year,
        productions.id as production_id,
        productions.company_id,
        coalesce(companies.country_code, companies.country) as country,
        coalesce(evenings.performances_count, 0) as performances_count,
        productions.ticket_price_max,
        productions.production_type
    from productions
    inner join production_works on productions.id = production_works.production_id
    inner join seasons on productions.season_id = seasons.id
    inner join companies on productions.company_id = companies.id
    left join evenings on productions.id = evenings.production_id
),

trends as (
    select
        opera_work_id,
        season_year,
        count(*) as productions_count,
        count(distinct company_id) as companies_count,
        count(distinct country) as countries_count,
        sum(performances_count) as performances_count,
        round(avg(ticket_price_max), 2) as avg_ticket_price_max,
        count(*) filter (where production_type = 'new') as new_productions_count
    from staged_works
    group by opera_work_id, season_year
),

titled as (
    select
        {{ key('trend', ['trends.opera_work_id', 'trends.season_year']) }} as trend_id,
        trends.opera_work_id,
        works.title_native as title,
        works.composer,
        works.period,
        trends.season_year,
        trends.productions_count::bigint as productions_count,
        trends.companies_count::bigint as companies_count,
        trends.countries_count::bigint as countries_count,
        trends.performances_count::bigint as performances_count,
        trends.avg_ticket_price_max::numeric(12, 2) as avg_ticket_price_max,
        trends.new_productions_count::bigint as new_productions_count
    from trends
    inner join works on trends.opera_work_id = works.id
)

select * from titled
