with objects as (
    {{ objects(['productions', 'premiere_words']) }}
),

gated as (
    select
        extraction_id,
        is_latest,
        pointer,
        parent_pointer,
        position,
        {{ grounded_element() }} as premiere_word
    from objects
)

select * from gated
