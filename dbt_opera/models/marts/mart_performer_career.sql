{{ config(indexes=[
    {'columns': ['performer_id'], 'unique': true},
    {'columns': ['name']},
    {'columns': ['voice_type']},
]) }}

with performers as (
    select * from {{ ref('core_performers') }}
    where performer_type <> 'ensemble'
),

cast_assignments as (
    select * from {{ ref('core_cast_assignments') }}
    where not is_cover
),

creative_assignments as (
    select * from {{ ref('core_creative_assignments') }}
),

productions as (
    select * from {{ ref('core_productions') }}
    where is_counted
),

performances as (
    select * from {{ ref('core_performances') }}
    where status not in ('cancelled', 'withdrawn', 'moved')
),

production_works as (
    select * from {{ ref('core_production_works') }}
),

works as (
    select * from {{ ref('core_opera_works') }}
),

companies as (
    select * from {{ ref('core_companies') }}
),

-- Several names on one part without dates: who sang when is unknown, so none of them is counted for an evening.
shared_parts as (
    select
        production_id,
        coalesce(role_id, role_name) as part_key
    from cast_assignments
    where performance_id is null
    group by production_id, coalesce(role_id, role_name)
    having count(distinct performer_id) > 1
),

assignments as (
    select
        cast_assignments.performer_id,
        cast_assignments.production_id,
        cast_assignments.performance_id,
        coalesce(cast_assignments.role_id, cast_assignments.role_name) as part_key,
        shared_parts.production_id is not null or coalesce(cast_assignments.kind = 'alternate', false) as is_uncertain
    from cast_assignments
    left join shared_parts
        on
            cast_assignments.performance_id is null
            and cast_assignments.production_id = shared_parts.production_id
            and coalesce(cast_assignments.role_id, cast_assignments.role_name) = shared_parts.part_key
    union all
    select
        performer_id,
        production_id,
        performance_id,
        null as part_key,
        is_on_unknown_nights as is_uncertain
    from creative_assignments
),

counted as (
    select assignments.*
    from assignments
    inner join productions on assignments.production_id = productions.id
),

dated as (
    select distinct
        counted.performer_id,
        counted.production_id
    from counted
    where counted.performance_id is not null
),

-- Named evenings; else, for who has the part alone, every evening of the run.
evenings as (
    select
        counted.performer_id,
        performances.id as performance_id,
        performances.performance_date
    from counted
    inner join performances on counted.performance_id = performances.id
    union
    select
        counted.performer_id,
        performances.id as performance_id,
        performances.performance_date
    from counted
    inner join performances on counted.production_id = performances.production_id
    left join dated
        on counted.performer_id = dated.performer_id and counted.production_id = dated.production_id
    where counted.performance_id is null and not counted.is_uncertain and dated.performer_id is null
),

evening_counts as (
    select
        performer_id,
        count(*) as total_performances,
        min(performance_date) as first_performance_date,
        max(performance_date) as latest_performance_date
    from evenings
    group by performer_id
),

engagements as (
    select
        counted.performer_id,
        count(distinct counted.production_id) as total_productions,
        count(distinct productions.company_id) as companies_performed_at,
        count(distinct coalesce(companies.country_code, companies.country)) as countries_performed_in,
        count(distinct counted.part_key) as unique_roles,
        count(distinct counted.production_id) filter (where companies.tier = 'tier-1') as tier1_productions
    from counted
    inner join productions on counted.production_id = productions.id
    inner join companies on productions.company_id = companies.id
    group by counted.performer_id
),

composers as (
    select
        counted.performer_id,
        count(distinct works.composer_id) as composers_performed
    from counted
    inner join production_works on counted.production_id = production_works.production_id
    inner join works on production_works.opera_work_id = works.id
    group by counted.performer_id
),

careers as (
    select
        performers.id as performer_id,
        performers.name,
        performers.performer_type,
        performers.voice_type,
        engagements.total_productions::bigint as total_productions,
        coalesce(evening_counts.total_performances, 0)::bigint as total_performances,
        engagements.companies_performed_at::bigint as companies_performed_at,
        engagements.countries_performed_in::bigint as countries_performed_in,
        engagements.unique_roles::bigint as unique_roles,
        coalesce(composers.composers_performed, 0)::bigint as composers_performed,
        evening_counts.first_performance_date,
        evening_counts.latest_performance_date,
        engagements.tier1_productions::bigint as tier1_productions
    from engagements
    inner join performers on engagements.performer_id = performers.id
    left join evening_counts on engagements.performer_id = evening_counts.performer_id
    left join composers on engagements.performer_id = composers.performer_id
)

select * from careers
