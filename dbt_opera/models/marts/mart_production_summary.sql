{{ config(indexes=[
    {'columns': ['production_id'], 'unique': true},
    {'columns': ['opera_work_id']},
    {'columns': ['company_name', 'season_name']},
    {'columns': ['country']},
    {'columns': ['composer']},
    {'columns': ['premiere_date']},
]) }}

with productions as (
    select * from {{ ref('core_productions') }}
    where is_counted
),

companies as (
    select * from {{ ref('core_companies') }}
),

works as (
    select * from {{ ref('core_opera_works') }}
),

seasons as (
    select * from {{ ref('core_seasons') }}
),

performances as (
    select * from {{ ref('core_performances') }}
),

cast_assignments as (
    select * from {{ ref('core_cast_assignments') }}
    where not is_cover
),

performers as (
    select * from {{ ref('core_performers') }}
),

evenings as (
    select
        production_id,
        count(*) filter (where status not in ('cancelled', 'withdrawn', 'moved')) as actual_performances,
        max(performance_date) filter (where status not in ('cancelled', 'withdrawn', 'moved')) as last_actual_date,
        round(avg(attendance_percentage), 2) as avg_attendance_pct,
        sum(box_office_revenue) as total_box_office_revenue,
        max(updated_at) as updated_at
    from performances
    group by production_id
),

casts as (
    select
        production_id,
        count(distinct performer_id) as total_cast_members,
        max(updated_at) as updated_at
    from cast_assignments
    group by production_id
),

-- Principal are the roles that the reference ranks first and those that the page bills first: the reference does not
-- know every role in every language.
parts as (
    select
        cast_assignments.production_id,
        coalesce(cast_assignments.role_id, cast_assignments.role_name, '') as part_key,
        bool_or(cast_assignments.role_type = 'principal') as is_principal,
        min(cast_assignments.billing_position) as billing_position,
        coalesce(min(cast_assignments.role_name collate "C") || ': ', '')
        || string_agg(
            distinct performers.name collate "C", ', '
            order by performers.name collate "C"
        ) as line
    from cast_assignments
    inner join performers on cast_assignments.performer_id = performers.id
    group by cast_assignments.production_id, coalesce(cast_assignments.role_id, cast_assignments.role_name, '')
),

ranked_parts as (
    select
        *,
        row_number() over (
            partition by production_id
            order by billing_position, part_key collate "C"
        ) as billing_rank
    from parts
),

principals as (
    select
        production_id,
        string_agg(line, '; ' order by billing_rank) as principal_cast
    from ranked_parts
    where is_principal or billing_rank <= 4
    group by production_id
),

summary as (
    select
        productions.id as production_id,
        productions.opera_work_id,
        companies.name as company_name,
        companies.city,
        companies.country,
        companies.tier as company_tier,
        companies.venue_capacity as company_capacity,
        works.title_native as opera_title,
        works.composer,
        works.period as opera_period,
        works.language as opera_language,
        productions.genre,
        coalesce(productions.presentation, 'staged') as presentation,
        seasons.season_name,
        coalesce(productions.premiere_date, productions.first_performance_date) as premiere_date,
        coalesce(productions.closing_date, evenings.last_actual_date, productions.last_performance_date)
            as closing_date,
        (
            coalesce(productions.closing_date, evenings.last_actual_date, productions.last_performance_date)
            - coalesce(productions.premiere_date, productions.first_performance_date)
            + 1
        )::integer as run_length_days,
        productions.total_performances::bigint as total_performances,
        coalesce(evenings.actual_performances, 0)::bigint as actual_performances,
        productions.conductor,
        productions.director,
        coalesce(casts.total_cast_members, 0)::bigint as total_cast_members,
        principals.principal_cast,
        productions.ticket_price_min::numeric(12, 2) as ticket_price_min,
        productions.ticket_price_max::numeric(12, 2) as ticket_price_max,
        productions.ticket_price_currency,
        evenings.avg_attendance_pct::numeric(5, 2) as avg_attendance_pct,
        evenings.total_box_office_revenue::numeric(16, 2) as total_box_office_revenue,
        productions.data_quality_score::numeric(3, 2) as data_quality_score,
        productions.source_url,
        greatest(productions.updated_at, evenings.updated_at, casts.updated_at) as updated_at
    from productions
    inner join companies on productions.company_id = companies.id
    inner join works on productions.opera_work_id = works.id
    left join seasons on productions.season_id = seasons.id
    left join evenings on productions.id = evenings.production_id
    left join casts on productions.id = casts.production_id
    left join principals on productions.id = principals.production_id
)

select * from summary
