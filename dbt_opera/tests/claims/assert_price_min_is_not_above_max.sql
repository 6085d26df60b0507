with prices as (
    select
        id,
        price_min,
        price_max
    from {{ ref('core_ticket_prices') }}
    union all
    select
        id,
        ticket_price_min as price_min,
        ticket_price_max as price_max
    from {{ ref('core_productions') }}
),

inverted as (
    select *
    from prices
    where price_min > price_max
)

select * from inverted
