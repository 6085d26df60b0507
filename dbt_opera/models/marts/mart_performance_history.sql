{{ config(indexes=[
    {'columns': ['performance_history_id'], 'unique': true},
    {'columns': ['performance_id', 'known_from']},
    {'columns': ['production_id']},
    {'columns': ['company_name', 'performance_date']},
    {'columns': ['known_from', 'known_until']},
]) }}

with history as (
    select * from {{ ref('core_performance_history') }}
),

performances as (
    select * from {{ ref('core_performances') }}
),

productions as (
    select * from {{ ref('core_productions') }}
),

companies as (
    select * from {{ ref('core_companies') }}
),

named as (
    select
        history.id as performance_history_id,
        history.performance_id,
        performances.production_id,
        companies.name as company_name,
        companies.country,
        productions.production_title,
        performances.performance_date,
        history.performance_time,
        history.venue_name,
        history.status,
        history.availability,
        history.moved_to_date,
        history.known_from,
        history.known_until,
        history.is_current,
        history.source_url
    from history
    inner join performances on history.performance_id = performances.id
    inner join productions on performances.production_id = productions.id
    inner join companies on productions.company_id = companies.id
)

select * from named
