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
        coalesce(answers.raw_response ->> 'page_type', pages.page_type) as page_type,
        coalesce(answers.raw_response ->> 'language', pages.language) as language,
        answers.raw_response,
        answers.evidence,
        jsonb_path_query_array(answers.violations, '$[*].pointer') as held_back,
        row_number() over (
            partition by answers.page_id
            order by
                answers.extractor_rank,
                answers.extracted_at desc,
                answers.extraction_version collate "C",
                answers.extraction_id
        )::integer as reading_rank
    from answers
    inner join pages on answers.page_id = pages.page_id
),

ranked as (
    select
        *,
        reading_rank = 1 as is_best
    from joined
)

select * from ranked
