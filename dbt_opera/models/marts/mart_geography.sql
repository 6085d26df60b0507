{{ config(indexes=[
    {'columns': ['place_id'], 'unique': true},
    {'columns': ['country', 'city']},
    {'columns': ['region']},
]) }}

with companies as (
    select * from {{ ref('core_companies') }}
),

productions as (
    select * from {{ ref('core_productions') }}
    where is_counted
),

works as (
    select * from {{ ref('core_opera_works') }}
),

performances as (
    select * from {{ ref('core_performances') }}
    where status not in ('cancelled', 'withdrawn', 'moved')
),

evenings as (
    select
        production_id,
        count(*) as performances_count,
        min(performance_date) as first_date,
        max(performance_date) as last_date
    from performances
    group by production_id
),

-- A company counts for the city of its house, wherever it tours.
places as (
    select
        companies.region,
        companies.country,
        companies.country_code,
        companies.city,
        round(avg(distinct companies.latitude), 4) as latitude,
        round(avg(distinct companies.longitude), 4) as longitude,
        count(distinct companies.id) as companies_count,
        count(distinct productions.id) as productions_count,
        count(distinct productions.opera_work_id) as works_count,
        count(distinct works.composer_id) as composers_count,
        sum(evenings.performances_count) as performances_count,
        min(evenings.first_date) as first_performance_date,
        max(evenings.last_date) as latest_performance_date
    from companies
    left join productions on companies.id = productions.company_id
    left join works on productions.opera_work_id = works.id
    left join evenings on productions.id = evenings.production_id
    where companies.country is not null or companies.city is not null
    group by companies.region, companies.country, companies.country_code, companies.city
),

keyed as (
    select
        {{ key('place', ['region', 'country', 'country_code', 'city']) }} as place_id,
        region,
        country,
        country_code,
        city,
        latitude::numeric(8, 4) as latitude,
        longitude::numeric(8, 4) as longitude,
        companies_count::bigint as companies_count,
        productions_count::bigint as productions_count,
        works_count::bigint as works_count,
        composers_count::bigint as composers_count,
        coalesce(performances_count, 0)::bigint as performances_count,
        first_performance_date,
        latest_performance_date
    from places
)

select * from keyed
