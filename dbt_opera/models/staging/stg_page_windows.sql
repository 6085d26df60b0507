{{ config(materialized='table') }}

with productions as (
    select * from {{ ref('stg_page_productions') }}
),

evenings as (
    select * from {{ ref('stg_page_evenings') }}
),

windows as (
    select
        productions.extraction_id,
        count(distinct productions.pointer) = 1 and bool_and(productions.is_about_one) as is_of_one_production,
        min(evenings.performance_date) as first_date,
        max(evenings.performance_date) as last_date
    from productions
    left join evenings
        on productions.extraction_id = evenings.extraction_id and productions.pointer = evenings.production_pointer
    group by productions.extraction_id
)

select * from windows
