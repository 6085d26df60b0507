with objects as (
    {{ objects(['productions', 'ticket_prices']) }}
),

gated as (
    select
        extraction_id,
        is_latest,
        pointer,
        parent_pointer,
        position,
        nights_count,
        {{ grounded('category') }} as category,
        round({{ as_amount(grounded('min')) }}, 2) as price_min,
        round({{ as_amount(grounded('max')) }}, 2) as price_max,
        {{ as_code(grounded('currency'), '^[A-Z]{3}$') }} as currency_code,
        {{ grounded('qualifier') }} as qualifier,
        {{ grounded('kind') }} as kind
    from objects
)

select * from gated
