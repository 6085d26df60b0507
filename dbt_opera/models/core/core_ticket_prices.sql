with prices as (
    select * from {{ ref('int_ticket_prices') }}
),

merged as (
    select
        ticket_price_id as id,
        production_id,
        performance_id,
        {{ first_known('category', 'pick_rank, position') }} as category,
        price_min,
        price_max,
        currency_code,
        qualifier,
        kind,
        max(scraped_at) as seen_at,
        {{ first_known('extraction_id', 'pick_rank, position') }} as source_extraction_id,
        {{ first_known('pointer', 'pick_rank, position') }} as source_pointer,
        {{ audit_columns('prices') }}
    from prices
    group by ticket_price_id, production_id, performance_id, price_min, price_max, currency_code, qualifier, kind
)

select * from merged
