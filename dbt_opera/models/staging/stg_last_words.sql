{{ config(materialized='table') }}

with dropped as (
    select * from {{ ref('stg_dropped_evenings') }}
    where is_last_word
),

updates as (
    select * from {{ ref('stg_page_updates') }}
    where is_comparable
),

productions as (
    select * from {{ ref('stg_page_productions') }}
),

nights as (
    {{ objects(['productions', 'cast_members', 'nights'], 'stg_readings') }}
    union all
    {{ objects(['productions', 'creative_team', 'nights'], 'stg_readings') }}
    union all
    {{ objects(['productions', 'ticket_prices', 'nights'], 'stg_readings') }}
),

dated_nights as (
    select
        extraction_id,
        production_pointer,
        pointer,
        {{ as_date(grounded('date')) }} as performance_date,
        {{ as_time(grounded('time')) }} as performance_time
    from nights
),

-- A production that the newer version does not name at all, with all that was said of it.
gone as (
    select
        productions.extraction_id,
        productions.pointer
    from productions
    inner join updates on productions.page_id = updates.earlier_page_id
    where
        productions.is_best
        and not exists (
            select 1 from productions as again
            where
                (
                    again.extraction_id = updates.later_extraction_id
                    or (
                        again.company_domain = productions.company_domain
                        and again.url = productions.url
                        and again.is_best
                        and again.scraped_at > productions.scraped_at
                    )
                )
                and {{ titles_alike('productions.title_key', 'again.title_key') }}
        )
),

words as (
    select
        extraction_id,
        pointer
    from gone
    union
    select
        extraction_id,
        pointer
    from dropped
    union
    select
        extraction_id,
        production_pointer || '/works' as pointer
    from dropped
    union
    select
        dropped.extraction_id,
        dated_nights.pointer
    from dropped
    inner join dated_nights
        on
            dropped.extraction_id = dated_nights.extraction_id
            and dropped.production_pointer = dated_nights.production_pointer
            and dropped.performance_date = dated_nights.performance_date
            and coalesce(dropped.performance_time = dated_nights.performance_time, true)
),

collected as (
    select
        extraction_id,
        jsonb_agg(pointer order by pointer collate "C") as last_words
    from words
    group by extraction_id
)

select * from collected
