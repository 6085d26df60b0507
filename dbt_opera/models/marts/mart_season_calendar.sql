{{ config(indexes=[
    {'columns': ['performance_id'], 'unique': true},
    {'columns': ['performance_date', 'country']},
    {'columns': ['company_name', 'performance_date']},
    {'columns': ['city', 'performance_date']},
    {'columns': ['opera_work_id']},
    {'columns': ['composer', 'season_name']},
    {'columns': ['season_name']},
]) }}

with performances as (
    select * from {{ ref('core_performances') }}
),

productions as (
    select * from {{ ref('core_productions') }}
    where is_counted
),

companies as (
    select * from {{ ref('core_companies') }}
),

works as (
    select * from {{ ref('core_opera_works') }}
),

seasons as (
    select * from {{ ref('core_seasons') }}
),

credits as (
    select * from {{ ref('core_creative_assignments') }}
    where function = 'conductor' and performance_id is not null
),

performers as (
    select * from {{ ref('core_performers') }}
),

-- Who conducts that evening, where it is named for it.
conductors as (
    select
        credits.performance_id,
        string_agg(distinct performers.name collate "C", ', ' order by performers.name collate "C") as conductor
    from credits
    inner join performers on credits.performer_id = performers.id
    group by credits.performance_id
),

calendar as (
    select
        performances.id as performance_id,
        productions.id as production_id,
        productions.opera_work_id,
        performances.performance_date,
        performances.performance_time,
        performances.performance_datetime,
        performances.date_precision,
        extract(isodow from performances.performance_date)::integer as weekday,
        companies.name as company_name,
        companies.tier as company_tier,
        companies.company_type,
        companies.region,
        companies.country,
        coalesce(performances.city, companies.city) as city,
        coalesce(performances.venue_name, productions.venue_name, companies.primary_venue_name) as venue_name,
        works.title_native as opera_title,
        works.composer,
        works.period as opera_period,
        works.language as opera_language,
        productions.production_title,
        productions.production_type,
        productions.genre,
        coalesce(productions.presentation, 'staged') as presentation,
        seasons.season_name,
        performances.performance_type,
        performances.status,
        performances.status not in ('cancelled', 'withdrawn', 'moved') as is_on,
        performances.availability,
        coalesce(conductors.conductor, productions.conductor) as conductor,
        productions.director,
        productions.ticket_price_min::numeric(12, 2) as ticket_price_min,
        productions.ticket_price_max::numeric(12, 2) as ticket_price_max,
        productions.ticket_price_currency,
        performances.ticket_url,
        productions.source_url,
        performances.first_seen_at,
        performances.last_confirmed_at
    from performances
    inner join productions on performances.production_id = productions.id
    inner join companies on productions.company_id = companies.id
    inner join works on productions.opera_work_id = works.id
    left join seasons on productions.season_id = seasons.id
    left join conductors on performances.id = conductors.performance_id
)

select * from calendar
