{{ config(materialized='table') }}

with objects as (
    {{ objects(['productions'], 'stg_readings') }}
),

works as (
    {{ objects(['productions', 'works'], 'stg_readings') }}
),

readings as (
    select * from {{ ref('stg_readings') }}
),

bills as (
    select
        extraction_id,
        production_pointer,
        string_agg({{ grounded('title') }}, ' ' order by position) as titles
    from works
    group by extraction_id, production_pointer
),

titled as (
    select
        extraction_id,
        pointer,
        {{ grounded('opera_title') }} as opera_title,
        {{ grounded('production_title') }} as production_title
    from objects
),

keyed as (
    select
        titled.extraction_id,
        titled.pointer,
        readings.page_id,
        readings.company_domain,
        readings.url,
        readings.scraped_at,
        readings.is_best,
        readings.extractor_rank,
        readings.page_type,
        readings.page_type in ('production', 'performance') as is_about_one,
        {{ normalised("coalesce(titled.opera_title, bills.titles, titled.production_title, '')") }} as title_key,
        coalesce(titled.opera_title, bills.titles, titled.production_title) as title
    from titled
    inner join readings on titled.extraction_id = readings.extraction_id
    left join bills
        on titled.extraction_id = bills.extraction_id and titled.pointer = bills.production_pointer
)

select * from keyed
