with answers as (
    select
        id as extraction_id,
        scraped_page_id as page_id,
        extracted_at,
        extraction_version,
        llm_model,
        confidence_score,
        raw_response,
        evidence,
        jsonb_path_query_array(
            case when jsonb_typeof(validation_errors) = 'array' then validation_errors else '[]'::jsonb end,
            '$[*].pointer'
        ) as held_back,
        case
            when llm_model ~ '^review(:|$)' then 1
            when llm_model = 'rules' then 3
            else 2
        end as extractor_rank,
        -- PostgreSQL gives a row that is written anew, such as an answer after an error, another.
        xmin::text as row_version
    from {{ source('staging', 'stg_llm_extractions') }}
    where raw_response is not null
)

select * from answers
