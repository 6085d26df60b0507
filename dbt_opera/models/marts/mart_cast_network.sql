{{ config(indexes=[
    {'columns': ['performer_id', 'partner_id'], 'unique': true},
    {'columns': ['partner_id']},
    {'columns': ['performer_name']},
    {'columns': ['partner_name']},
]) }}

with cast_assignments as (
    select
        *,
        coalesce(role_id, role_name, '') as part_key
    from {{ ref('core_cast_assignments') }}
    where not is_cover
),

productions as (
    select * from {{ ref('core_productions') }}
    where is_counted
),

performances as (
    select * from {{ ref('core_performances') }}
    where status not in ('cancelled', 'withdrawn', 'moved')
),

performers as (
    select * from {{ ref('core_performers') }}
    where performer_type <> 'ensemble'
),

runs as (
    select
        production_id,
        count(*) as performances_count,
        min(performance_date) as first_date,
        max(performance_date) as last_date
    from performances
    group by production_id
),

-- Two on one part without dates take turns: they share no evening.
of_runs as (
    select distinct
        cast_assignments.production_id,
        cast_assignments.performer_id,
        cast_assignments.part_key
    from cast_assignments
    inner join productions on cast_assignments.production_id = productions.id
    where cast_assignments.performance_id is null
),

of_evenings as (
    select distinct
        cast_assignments.production_id,
        cast_assignments.performance_id,
        performances.performance_date,
        cast_assignments.performer_id,
        cast_assignments.part_key
    from cast_assignments
    inner join productions on cast_assignments.production_id = productions.id
    inner join performances on cast_assignments.performance_id = performances.id
),

together as (
    select
        one.performer_id,
        other.performer_id as partner_id,
        one.production_id,
        max(runs.performances_count) as performances_count,
        min(runs.first_date) as first_date,
        max(runs.last_date) as last_date
    from of_runs as one
    inner join of_runs as other
        on
            one.production_id = other.production_id
            and one.part_key <> other.part_key
            and one.performer_id < other.performer_id
    left join runs on one.production_id = runs.production_id
    group by one.performer_id, other.performer_id, one.production_id
    union all
    select
        one.performer_id,
        other.performer_id as partner_id,
        one.production_id,
        count(distinct one.performance_id) as performances_count,
        min(one.performance_date) as first_date,
        max(one.performance_date) as last_date
    from of_evenings as one
    inner join of_evenings as other
        on
            one.performance_id = other.performance_id
            and one.performer_id < other.performer_id
    group by one.performer_id, other.performer_id, one.production_id
    union all
    select
        least(one.performer_id, other.performer_id) as performer_id,
        greatest(one.performer_id, other.performer_id) as partner_id,
        one.production_id,
        count(distinct one.performance_id) as performances_count,
        min(one.performance_date) as first_date,
        max(one.performance_date) as last_date
    from of_evenings as one
    inner join of_runs as other
        on
            one.production_id = other.production_id
            and one.part_key <> other.part_key
            and one.performer_id <> other.performer_id
    group by
        least(one.performer_id, other.performer_id),
        greatest(one.performer_id, other.performer_id),
        one.production_id
),

-- A pair that is named both for the run and for evenings of it counts once, with the larger figure.
by_production as (
    select
        performer_id,
        partner_id,
        production_id,
        max(performances_count) as performances_count,
        min(first_date) as first_date,
        max(last_date) as last_date
    from together
    group by performer_id, partner_id, production_id
),

pairs as (
    select
        by_production.performer_id,
        by_production.partner_id,
        count(*) as productions_count,
        sum(by_production.performances_count) as performances_count,
        count(distinct productions.company_id) as companies_count,
        count(distinct productions.opera_work_id) as works_count,
        min(by_production.first_date) as first_performance_date,
        max(by_production.last_date) as latest_performance_date
    from by_production
    inner join productions on by_production.production_id = productions.id
    group by by_production.performer_id, by_production.partner_id
),

named as (
    select
        {{ key('pair', ['pairs.performer_id', 'pairs.partner_id']) }} as pair_id,
        pairs.performer_id,
        performers.name as performer_name,
        performers.voice_type as performer_voice_type,
        pairs.partner_id,
        partners.name as partner_name,
        partners.voice_type as partner_voice_type,
        pairs.productions_count::bigint as productions_count,
        coalesce(pairs.performances_count, 0)::bigint as performances_count,
        pairs.companies_count::bigint as companies_count,
        pairs.works_count::bigint as works_count,
        pairs.first_performance_date,
        pairs.latest_performance_date
    from pairs
    inner join performers on pairs.performer_id = performers.id
    inner join performers as partners on pairs.partner_id = partners.id
)

select * from named
