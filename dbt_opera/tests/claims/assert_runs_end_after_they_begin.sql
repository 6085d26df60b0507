{# Pages contradict themselves: worth a look, no reason to stop a build. #}
{{ config(severity='warn') }}

with productions as (
    select * from {{ ref('core_productions') }}
),

backward as (
    select
        id,
        premiere_date,
        closing_date,
        source_url
    from productions
    where premiere_date > closing_date or first_performance_date > closing_date
)

select * from backward
