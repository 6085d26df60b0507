{{ config(indexes=[
    {'columns': ['company_id'], 'unique': true},
    {'columns': ['country']},
    {'columns': ['stale_days']},
]) }}

with coverage as (
    select * from {{ ref('core_company_coverage') }}
),

companies as (
    select * from {{ ref('core_companies') }}
),

productions as (
    select * from {{ ref('core_productions') }}
),

works as (
    select * from {{ ref('core_opera_works') }}
),

performances as (
    select * from {{ ref('core_performances') }}
),

cast_assignments as (
    select * from {{ ref('core_cast_assignments') }}
),

casts as (
    select distinct production_id from cast_assignments
),

evenings as (
    select
        productions.company_id,
        count(*) as performances_count,
        count(performances.performance_time) as timed_count,
        count(performances.venue_id) as placed_count,
        max(performances.performance_date) as last_performance_date
    from performances
    inner join productions on performances.production_id = productions.id
    group by productions.company_id
),

runs as (
    select
        productions.company_id,
        count(*) as productions_count,
        count(*) filter (where productions.is_counted) as counted_productions_count,
        count(*) filter (where works.resolution <> 'provisional') as resolved_count,
        count(*) filter (where productions.first_performance_date is not null) as dated_count,
        count(casts.production_id) as cast_count,
        count(productions.conductor) as conducted_count,
        count(productions.director) as directed_count,
        count(productions.ticket_price_currency) as priced_count
    from productions
    inner join works on productions.opera_work_id = works.id
    left join casts on productions.id = casts.production_id
    group by productions.company_id
),

{% set shares = [
    ('resolved_works_share', 'runs.resolved_count', 'runs.productions_count'),
    ('dated_productions_share', 'runs.dated_count', 'runs.productions_count'),
    ('productions_with_cast_share', 'runs.cast_count', 'runs.productions_count'),
    ('productions_with_conductor_share', 'runs.conducted_count', 'runs.productions_count'),
    ('productions_with_director_share', 'runs.directed_count', 'runs.productions_count'),
    ('productions_with_prices_share', 'runs.priced_count', 'runs.productions_count'),
    ('timed_performances_share', 'evenings.timed_count', 'evenings.performances_count'),
    ('placed_performances_share', 'evenings.placed_count', 'evenings.performances_count'),
] %}

scored as (
    select
        coverage.company_id,
        companies.name as company_name,
        companies.domain as company_domain,
        companies.city,
        companies.country,
        companies.tier as company_tier,
        coverage.pages_count::bigint as pages_count,
        coverage.page_versions_count::bigint as page_versions_count,
        coverage.pages_read_count::bigint as pages_read_count,
        round(coverage.pages_read_count::numeric / nullif(coverage.pages_count, 0), 4)::numeric(5, 4)
            as pages_read_share,
        coverage.avg_confidence_score::numeric(3, 2) as avg_confidence_score,
        coverage.last_changed_at,
        coverage.last_seen_at,
        coverage.stale_days,
        coverage.last_crawl_at,
        coverage.last_crawl_outcome,
        coalesce(runs.productions_count, 0)::bigint as productions_count,
        coalesce(runs.counted_productions_count, 0)::bigint as counted_productions_count,
        coalesce(evenings.performances_count, 0)::bigint as performances_count,
        evenings.last_performance_date,
        {% for share, part, whole in shares %}
            round({{ part }}::numeric / nullif({{ whole }}, 0), 4)::numeric(5, 4) as {{ share }},
        {% endfor %}
        companies.data_quality_score::numeric(3, 2) as data_quality_score
    from coverage
    inner join companies on coverage.company_id = companies.id
    left join runs on coverage.company_id = runs.company_id
    left join evenings on coverage.company_id = evenings.company_id
)

select * from scored
