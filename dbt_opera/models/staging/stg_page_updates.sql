{{ config(materialized='table') }}

with readings as (
    select * from {{ ref('stg_readings') }}
),

versions as (
    select
        page_id,
        company_domain,
        url,
        scraped_at,
        extraction_id as best_later_extraction_id,
        lag(page_id) over (
            partition by company_domain, url
            order by scraped_at, checksum collate "C" desc, page_id desc
        ) as earlier_page_id
    from readings
    where is_best
),

pairs as (
    select distinct on (versions.page_id)
        versions.page_id,
        versions.earlier_page_id,
        versions.company_domain,
        versions.url,
        versions.scraped_at as updated_at,
        versions.best_later_extraction_id,
        later.extraction_id as later_extraction_id,
        earlier.extraction_id as earlier_extraction_id,
        later.llm_model = earlier.llm_model and later.extraction_version = earlier.extraction_version as is_comparable
    from versions
    inner join readings as later on versions.page_id = later.page_id
    inner join readings as earlier on versions.earlier_page_id = earlier.page_id
    where
        (later.llm_model = earlier.llm_model and later.extraction_version = earlier.extraction_version)
        or (later.is_best and earlier.is_best)
    order by
        versions.page_id,
        -- What two readers see differently is no news, so one reader's pair comes first.
        later.llm_model = earlier.llm_model and later.extraction_version = earlier.extraction_version desc,
        later.reading_rank,
        earlier.reading_rank
)

select * from pairs
