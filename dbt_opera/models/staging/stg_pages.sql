with pages as (
    select * from {{ source('staging', 'stg_scraped_pages') }}
),

versions as (
    select
        id as page_id,
        url,
        company_domain,
        scraped_at,
        greatest(scraped_at, last_seen_at) as last_seen_at,
        page_type,
        language,
        content_type,
        checksum
    from pages
)

select * from versions
