with assignments as (
    select
        id,
        production_id,
        performance_id
    from {{ ref('core_cast_assignments') }}
    union all
    select
        id,
        production_id,
        performance_id
    from {{ ref('core_creative_assignments') }}
    union all
    select
        id,
        production_id,
        performance_id
    from {{ ref('core_ticket_prices') }}
),

performances as (
    select * from {{ ref('core_performances') }}
),

misplaced as (
    select assignments.*
    from assignments
    inner join performances on assignments.performance_id = performances.id
    where assignments.production_id <> performances.production_id
)

select * from misplaced
