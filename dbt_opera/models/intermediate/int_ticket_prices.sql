with prices as (
    select * from {{ ref('stg_ticket_prices') }}
    where is_latest and (price_min is not null or price_max is not null or kind in ('free', 'members'))
),

scopes as (
    select * from {{ ref('int_scopes') }}
),

mentions as (
    select * from {{ ref('int_mentions') }}
),

placed as (
    select
        scopes.production_id,
        scopes.performance_id,
        prices.category,
        -- A page may print a range either way round.
        least(prices.price_min, prices.price_max) as price_min,
        case
            when prices.price_max is not null then greatest(prices.price_min, prices.price_max)
            when coalesce(prices.qualifier, 'exact') = 'exact' then prices.price_min
        end as price_max,
        prices.currency_code,
        coalesce(prices.qualifier, case when prices.price_max is not null then 'exact' end) as qualifier,
        coalesce(prices.kind, 'paid') as kind,
        prices.extraction_id,
        prices.pointer,
        prices.position,
        mentions.pick_rank,
        mentions.first_scraped_at,
        mentions.scraped_at,
        mentions.last_seen_at
    from prices
    inner join scopes on prices.extraction_id = scopes.extraction_id and prices.pointer = scopes.pointer
    inner join mentions on scopes.mention_id = mentions.mention_id
),

keyed as (
    select
        placed.*,
        {{ normalised('category') }} as category_key
    from placed
),

identified as (
    select
        keyed.*,
        {{ key('price', [
            'production_id', 'performance_id', 'category_key', 'price_min::text', 'price_max::text', 'currency_code',
            'qualifier', 'kind'
        ]) }} as ticket_price_id
    from keyed
)

select * from identified
