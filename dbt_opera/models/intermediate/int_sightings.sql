-- Every version of every page takes part, so that an evening keeps the day on which it was first announced.
with evenings as (
    select * from {{ ref('stg_page_evenings') }}
    where is_best
),

first_sightings as (
    select
        company_domain,
        url,
        performance_date,
        min(scraped_at) as first_seen_at
    from evenings
    group by company_domain, url, performance_date
)

select * from first_sightings
