with objects as (
    select
        extraction_id,
        is_latest,
        held_back,
        evidence,
        raw_response -> 'company' as node,
        '/company' as pointer
    from {{ ref('stg_extractions') }}
    where
        jsonb_typeof(raw_response -> 'company') = 'object'
        and not held_back ? '/company'
        and last_words is null
),

gated as (
    select
        extraction_id,
        is_latest,
        pointer,
        {{ grounded('name') }} as name,
        {{ grounded('city') }} as city,
        {{ grounded('country') }} as country
    from objects
)

select * from gated
