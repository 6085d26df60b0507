{{ config(materialized='table') }}

with performances as (
    {{ objects(['productions', 'performances'], 'stg_readings') }}
),

productions as (
    select * from {{ ref('stg_page_productions') }}
),

evenings as (
    select
        extraction_id,
        parent_pointer as production_pointer,
        pointer,
        {{ as_date(grounded('date')) }} as performance_date,
        {{ as_time(grounded('time')) }} as performance_time,
        {{ grounded('venue') }} as venue_name,
        {{ grounded('status') }} as status,
        {{ grounded('availability') }} as availability
    from performances
),

dated as (
    select
        evenings.*,
        productions.page_id,
        productions.company_domain,
        productions.url,
        productions.scraped_at,
        productions.is_best,
        productions.title_key,
        productions.title
    from evenings
    inner join productions
        on evenings.extraction_id = productions.extraction_id and evenings.production_pointer = productions.pointer
    where evenings.performance_date is not null
),

numbered as (
    select
        *,
        row_number() over (
            partition by extraction_id, production_pointer, performance_date
            order by performance_time nulls last, pointer collate "C"
        )::integer as ordinal_of_day,
        count(*) over (
            partition by extraction_id, production_pointer, performance_date
        )::integer as evenings_of_day
    from dated
)

select * from numbered
