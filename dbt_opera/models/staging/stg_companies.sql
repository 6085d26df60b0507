with objects as (
    {{ objects(['company']) }}
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
