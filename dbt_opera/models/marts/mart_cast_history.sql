{{ config(indexes=[
    {'columns': ['cast_history_id'], 'unique': true},
    {'columns': ['production_id']},
    {'columns': ['performance_id']},
    {'columns': ['performer_name']},
    {'columns': ['known_from', 'known_until']},
]) }}

with history as (
    select * from {{ ref('core_cast_history') }}
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
        history.id as cast_history_id,
        history.production_id,
        history.performance_id,
        companies.name as company_name,
        companies.country,
        productions.production_title,
        performances.performance_date,
        history.role_name,
        history.performer_id,
        history.performer_name,
        history.kind,
        history.known_from,
        history.known_until,
        history.is_current,
        history.source_url
    from history
    inner join productions on history.production_id = productions.id
    inner join companies on productions.company_id = companies.id
    left join performances on history.performance_id = performances.id
)

select * from named
