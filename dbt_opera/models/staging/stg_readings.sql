{{ config(materialized='table', indexes=[{'columns': ['extraction_id'], 'unique': true}]) }}

with pages as (
    select * from {{ ref('stg_pages') }}
),

answers as (
    select * from {{ ref('stg_answers') }}
),

-- An error never hides an answer: rows without one do not compete.
documents as (
    select
        extraction_id,
        node
    from {{ ref('stg_objects') }}
    where path = ''
),

joined as (
    select
        answers.extraction_id,
        answers.page_id,
        pages.url,
        pages.company_domain,
        pages.scraped_at,
        pages.last_seen_at,
        pages.checksum,
        answers.extracted_at,
        answers.extractor_rank,
        answers.llm_model,
        answers.extraction_version,
        answers.confidence_score,
        coalesce(documents.node ->> 'page_type', pages.page_type) as page_type,
        coalesce(documents.node ->> 'language', pages.language) as language,
        row_number() over (
            partition by answers.page_id
            order by
                answers.extractor_rank,
                answers.extracted_at desc,
                answers.extraction_version collate "C",
                answers.extraction_id
        )::integer as reading_rank
    from answers
    inner join documents on answers.extraction_id = documents.extraction_id
    inner join pages on answers.page_id = pages.page_id
),

ranked as (
    select
        *,
        reading_rank = 1 as is_best
    from joined
)

select * from ranked
