with credits as (
    select * from {{ ref('int_credits') }}
),

cast_members as (
    select * from {{ ref('int_cast') }}
),

prices as (
    select * from {{ ref('stg_ticket_prices') }}
    where is_latest
),

mentions as (
    select * from {{ ref('int_mentions') }}
),

nights as (
    select * from {{ ref('stg_nights') }}
    where is_latest
),

evenings as (
    select * from {{ ref('int_evenings') }}
),

productions as (
    select distinct
        mention_id,
        production_id
    from {{ ref('int_mention_productions') }}
),

items as (
    select distinct
        mention_id,
        extraction_id,
        pointer,
        has_nights
    from credits
    union
    select distinct
        mention_id,
        extraction_id,
        pointer,
        has_nights
    from cast_members
    union
    select
        mentions.mention_id,
        prices.extraction_id,
        prices.pointer,
        prices.nights_count > 0 as has_nights
    from prices
    inner join mentions
        on prices.extraction_id = mentions.extraction_id and prices.parent_pointer = mentions.pointer
),

-- Named nights.
dated as (
    select distinct
        items.mention_id,
        items.extraction_id,
        items.pointer,
        evenings.production_id,
        evenings.performance_id,
        false as is_on_unknown_nights
    from items
    inner join nights on items.extraction_id = nights.extraction_id and items.pointer = nights.parent_pointer
    inner join evenings on nights.extraction_id = evenings.extraction_id and nights.pointer = evenings.pointer
),

-- A page of one evening speaks of that evening.
pages_of_one_evening as (
    select
        evenings.mention_id,
        min(evenings.production_id) as production_id,
        min(evenings.performance_id) as performance_id
    from evenings
    inner join mentions on evenings.mention_id = mentions.mention_id
    where mentions.page_type = 'performance'
    group by evenings.mention_id
    having count(distinct evenings.performance_id) = 1
),

whole as (
    select
        items.mention_id,
        items.extraction_id,
        items.pointer,
        productions.production_id,
        pages_of_one_evening.performance_id,
        -- Nights are printed, but none could be read: not the whole run.
        items.has_nights as is_on_unknown_nights
    from items
    inner join productions on items.mention_id = productions.mention_id
    left join pages_of_one_evening
        on
            not items.has_nights
            and items.mention_id = pages_of_one_evening.mention_id
            and productions.production_id = pages_of_one_evening.production_id
    where
        not exists (
            select 1 from dated
            where dated.extraction_id = items.extraction_id and dated.pointer = items.pointer
        )
),

scopes as (
    select * from dated
    union all
    select * from whole
)

select * from scopes
