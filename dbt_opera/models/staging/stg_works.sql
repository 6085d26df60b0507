with objects as (
    {{ objects(['productions', 'works']) }}
),

gated as (
    select
        extraction_id,
        is_latest,
        pointer,
        parent_pointer,
        position,
        {{ grounded('title') }} as title,
        {{ grounded('composer') }} as composer,
        {{ grounded('version') }} as version,
        {{ grounded('extent') }} as extent
    from objects
)

select * from gated
