{{ config(materialized='table', indexes=[{'columns': ['extraction_id'], 'unique': true}]) }}

with readings as (
    select * from {{ ref('stg_readings') }}
    where is_best
),

last_words as (
    select * from {{ ref('stg_last_words') }}
),

versions as (
    select
        *,
        -- The latest version that has an answer: between a crawl and its extraction nothing vanishes.
        row_number() over (
            partition by company_domain, url
            order by scraped_at desc, checksum collate "C", page_id
        ) = 1 as is_newest
    from readings
),

joined as (
    select
        versions.extraction_id,
        versions.page_id,
        versions.url,
        versions.company_domain,
        versions.scraped_at,
        versions.last_seen_at,
        versions.extracted_at,
        versions.extractor_rank,
        versions.llm_model,
        versions.confidence_score,
        versions.page_type,
        versions.language,
        last_words.last_words,
        versions.is_newest,
        versions.is_newest or last_words.last_words is not null as is_latest
    from versions
    left join last_words on versions.extraction_id = last_words.extraction_id
)

select * from joined
