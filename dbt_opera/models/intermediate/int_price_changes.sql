with prices as (
    select * from {{ ref('stg_page_prices') }}
),

updates as (
    select * from {{ ref('stg_page_updates') }}
    where is_comparable
),

production_listings as (
    select * from {{ ref('int_production_listings') }}
),

listings as (
    select * from {{ ref('int_evening_listings') }}
),

evenings_of_pages as (
    select
        extraction_id,
        production_pointer,
        min(performance_id) as performance_id
    from listings
    where page_type = 'performance'
    group by extraction_id, production_pointer
    having count(distinct performance_id) = 1
),

evenings_of_dates as (
    select
        extraction_id,
        production_pointer,
        performance_date,
        min(performance_id) as performance_id
    from listings
    group by extraction_id, production_pointer, performance_date
    having count(distinct performance_id) = 1
),

placed as (
    select
        prices.*,
        production_listings.production_id,
        case
            when prices.performance_date is null then evenings_of_pages.performance_id
            else evenings_of_dates.performance_id
        end as performance_id
    from prices
    inner join production_listings
        on
            prices.extraction_id = production_listings.extraction_id
            and prices.production_pointer = production_listings.pointer
    left join evenings_of_pages
        on
            prices.extraction_id = evenings_of_pages.extraction_id
            and prices.production_pointer = evenings_of_pages.production_pointer
    left join evenings_of_dates
        on
            prices.extraction_id = evenings_of_dates.extraction_id
            and prices.production_pointer = evenings_of_dates.production_pointer
            and prices.performance_date = evenings_of_dates.performance_date
),

-- The range that a page prints for a category.
ranges as (
    select
        extraction_id,
        production_id,
        performance_id,
        category_key,
        kind,
        min(currency_code collate "C") as currency_code,
        min(category collate "C") as category,
        min(coalesce(price_min, price_max)) as price_min,
        max(coalesce(price_max, price_min)) as price_max,
        min(pointer collate "C") as pointer
    from placed
    where performance_date is null or performance_id is not null
    group by extraction_id, production_id, performance_id, category_key, kind
    having count(distinct currency_code) <= 1
),

changes as (
    select
        'price_changed' as kind,
        later.production_id,
        later.performance_id,
        later.category_key as part_key,
        later.category,
        {% for side in ['earlier', 'later'] %}
            concat_ws(
                ' ',
                concat_ws(
                    '–',
                    {{ side }}.price_min,
                    case when {{ side }}.price_max > {{ side }}.price_min then {{ side }}.price_max end
                ),
                {{ side }}.currency_code
            ) as {{ 'old_value' if side == 'earlier' else 'new_value' }},
        {% endfor %}
        -- Of the dearest seat, else of the cheapest.
        round(
            case
                when later.price_max <> earlier.price_max then later.price_max / nullif(earlier.price_max, 0)
                else later.price_min / nullif(earlier.price_min, 0)
            end - 1, 4
        ) as change_share,
        updates.updated_at as seen_at,
        updates.url,
        later.extraction_id,
        later.pointer || case
            when later.price_max <> earlier.price_max and later.price_max > later.price_min then '/max' else '/min'
        end as pointer
    from updates
    inner join ranges as later on updates.later_extraction_id = later.extraction_id
    inner join ranges as earlier
        on
            updates.earlier_extraction_id = earlier.extraction_id
            and later.production_id = earlier.production_id
            and later.performance_id is not distinct from earlier.performance_id
            and later.category_key = earlier.category_key
            and later.kind = earlier.kind
            and later.currency_code is not distinct from earlier.currency_code
    where later.price_min <> earlier.price_min or later.price_max <> earlier.price_max
)

select * from changes
