with objects as (
    {{ objects(['productions', 'creative_team']) }}
),

gated as (
    select
        extraction_id,
        is_latest,
        pointer,
        parent_pointer,
        position,
        nights_count,
        {{ grounded('name') }} as name,
        {{ grounded('function') }} as function
    from objects
)

select * from gated
