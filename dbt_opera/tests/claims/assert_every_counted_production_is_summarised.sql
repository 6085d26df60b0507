with productions as (
    select * from {{ ref('core_productions') }}
    where is_counted
),

summaries as (
    select * from {{ ref('mart_production_summary') }}
),

unmatched as (
    select coalesce(productions.id, summaries.production_id) as production_id
    from productions
    full outer join summaries on productions.id = summaries.production_id
    where
        productions.id is null
        or summaries.production_id is null
        or productions.total_performances <> summaries.total_performances
        or summaries.actual_performances > summaries.total_performances
)

select * from unmatched
