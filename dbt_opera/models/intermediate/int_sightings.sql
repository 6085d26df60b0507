with performances as (
    select * from {{ ref('stg_performances') }}
    where performance_date is not null
),

extractions as (
    select * from {{ ref('stg_extractions') }}
),

-- Every version of every page takes part, so that an evening keeps the day on which it was first announced.
first_sightings as (
    select
        extractions.company_domain,
        extractions.url,
        performances.performance_date,
        min(extractions.scraped_at) as first_seen_at
    from performances
    inner join extractions on performances.extraction_id = extractions.extraction_id
    group by extractions.company_domain, extractions.url, performances.performance_date
)

select * from first_sightings
