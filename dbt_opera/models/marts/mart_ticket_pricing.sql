{{ config(indexes=[
    {'columns': ['ticket_price_id'], 'unique': true},
    {'columns': ['production_id']},
    {'columns': ['company_name', 'season_name']},
    {'columns': ['country']},
    {'columns': ['composer', 'season_name']},
    {'columns': ['currency_code']},
]) }}

with prices as (
    select * from {{ ref('core_ticket_prices') }}
),

performances as (
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

priced as (
    select
        prices.id as ticket_price_id,
        prices.production_id,
        prices.performance_id,
        companies.name as company_name,
        companies.city,
        companies.country,
        companies.tier as company_tier,
        companies.venue_capacity as company_capacity,
        seasons.season_name,
        works.title_native as opera_title,
        works.composer,
        works.period as opera_period,
        productions.production_title,
        productions.production_type,
        coalesce(productions.presentation, 'staged') as presentation,
        performances.performance_date,
        performances.performance_type,
        prices.category,
        prices.price_min::numeric(12, 2) as price_min,
        prices.price_max::numeric(12, 2) as price_max,
        round((prices.price_min + coalesce(prices.price_max, prices.price_min)) / 2, 2)::numeric(12, 2) as price_mid,
        prices.currency_code,
        prices.qualifier,
        prices.kind,
        prices.seen_at,
        productions.source_url
    from prices
    inner join productions on prices.production_id = productions.id
    inner join companies on productions.company_id = companies.id
    inner join works on productions.opera_work_id = works.id
    left join seasons on productions.season_id = seasons.id
    left join performances on prices.performance_id = performances.id
)

select * from priced
