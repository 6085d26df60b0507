{{ config(materialized='table') }}

with prices as (
    {{ objects(['productions', 'ticket_prices'], 'stg_readings') }}
),

nights as (
    {{ objects(['productions', 'ticket_prices', 'nights'], 'stg_readings') }}
),

dated_nights as (
    select
        extraction_id,
        parent_pointer,
        {{ as_date(grounded('date')) }} as performance_date
    from nights
),

gated as (
    select
        extraction_id,
        pointer,
        production_pointer,
        nights_count > 0 as has_nights,
        {{ grounded('category') }} as category,
        round({{ as_amount(grounded('min')) }}, 2) as price_min,
        round({{ as_amount(grounded('max')) }}, 2) as price_max,
        {{ as_code(grounded('currency'), '^[A-Z]{3}$') }} as currency_code,
        coalesce({{ grounded('kind') }}, 'paid') as kind
    from prices
),

dated as (
    select
        gated.extraction_id,
        gated.production_pointer,
        gated.pointer,
        gated.category,
        {{ normalised("coalesce(gated.category, '')") }} as category_key,
        gated.kind,
        -- A page may print a range either way round.
        least(gated.price_min, gated.price_max) as price_min,
        greatest(gated.price_min, gated.price_max) as price_max,
        gated.currency_code,
        dated_nights.performance_date
    from gated
    left join dated_nights
        on gated.extraction_id = dated_nights.extraction_id and gated.pointer = dated_nights.parent_pointer
    where
        coalesce(gated.price_min, gated.price_max) is not null
        and (not gated.has_nights or dated_nights.performance_date is not null)
)

select * from dated
