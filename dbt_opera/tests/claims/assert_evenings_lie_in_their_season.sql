with performances as (
    select * from {{ ref('core_performances') }}
),

productions as (
    select * from {{ ref('core_productions') }}
),

seasons as (
    select * from {{ ref('core_seasons') }}
),

outside as (
    select
        performances.id,
        performances.performance_date,
        seasons.season_name
    from performances
    inner join productions on performances.production_id = productions.id
    inner join seasons on productions.season_id = seasons.id
    where performances.performance_date not between seasons.start_date - 60 and seasons.end_date + 60
)

select * from outside
