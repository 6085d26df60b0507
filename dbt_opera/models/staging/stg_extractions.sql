with pages as (
    select * from {{ ref('stg_pages') }}
),

answers as (
    select
        id as extraction_id,
        scraped_page_id as page_id,
        extracted_at,
        extraction_version,
        llm_model,
        confidence_score,
        raw_response,
        coalesce(evidence, '{}'::jsonb) as evidence,
        case when jsonb_typeof(validation_errors) = 'array' then validation_errors else '[]'::jsonb end as violations,
        case
            when llm_model ~ '^review(:|$)' then 1
            when llm_model = 'rules' then 3
            else 2
        end as extractor_rank
    from {{ source('staging', 'stg_llm_extractions') }}
    -- An error never hides an answer: rows without one do not compete.
    where jsonb_typeof(raw_response) = 'object'
),

best_of_version as (
    select distinct on (page_id) *
    from answers
    order by page_id, extractor_rank, extracted_at desc, extraction_version collate "C", extraction_id
),

joined as (
    select
        best_of_version.extraction_id,
        best_of_version.page_id,
        pages.url,
        pages.company_domain,
        pages.scraped_at,
        pages.last_seen_at,
        best_of_version.extracted_at,
        best_of_version.extractor_rank,
        best_of_version.llm_model,
        best_of_version.confidence_score,
        coalesce(best_of_version.raw_response ->> 'page_type', pages.page_type) as page_type,
        coalesce(best_of_version.raw_response ->> 'language', pages.language) as language,
        best_of_version.raw_response,
        best_of_version.evidence,
        jsonb_path_query_array(best_of_version.violations, '$[*].pointer') as held_back,
        -- The latest version that has an answer: between a crawl and its extraction nothing vanishes.
        row_number() over (
            partition by pages.company_domain, pages.url
            order by pages.scraped_at desc, pages.checksum collate "C", pages.page_id
        ) = 1 as is_latest
    from best_of_version
    inner join pages on best_of_version.page_id = pages.page_id
)

select * from joined
