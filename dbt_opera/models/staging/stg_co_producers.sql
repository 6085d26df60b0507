with objects as (
    {{ objects(['productions', 'co_producers']) }}
),

gated as (
    select
        extraction_id,
        is_latest,
        pointer,
        parent_pointer,
        position,
        {{ grounded_element() }} as co_producer
    from objects
)

select * from gated
