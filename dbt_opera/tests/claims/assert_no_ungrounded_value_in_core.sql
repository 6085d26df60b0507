{# Every value that only a page can know stands on evidence: the table, the column, and where a reference or another
   column may fill it instead, for which rows pages alone answer. #}
{% set claims = [
    ('productions', 'production_title', none), ('productions', 'production_type', none),
    ('productions', 'presentation', none), ('productions', 'is_family', none), ('productions', 'is_world_premiere', none),
    ('productions', 'language', none), ('productions', 'duration_minutes', none), ('productions', 'intermissions', none),
    ('opera_works', 'title', "resolution = 'provisional'"), ('opera_works', 'librettist', "resolution = 'provisional'"),
    ('opera_works', 'genre', "resolution = 'provisional' and genre_basis = 'printed'"),
    ('production_works', 'extent', "extent <> 'adaptation'"), ('production_works', 'version', "extent <> 'adaptation'"),
    ('performances', 'performance_date', none), ('performances', 'performance_time', none),
    ('performances', 'venue_name', none), ('performances', 'city', none), ('performances', 'status', "status in ('cancelled', 'postponed')"),
    ('performances', 'availability', none), ('performances', 'performance_type', none), ('performances', 'ticket_url', none),
    ('performers', 'name', none), ('performers', 'voice_type', "voice_type_source = 'printed'"),
    ('opera_roles', 'role_name', "resolution = 'provisional'"),
    ('cast_assignments', 'performer_id', none), ('cast_assignments', 'role_name_printed', none),
    ('cast_assignments', 'voice_type_printed', none), ('cast_assignments', 'replaces_performer_id', none),
    ('cast_assignments', 'kind', "kind <> 'alternate'"),
    ('creative_assignments', 'performer_id', none), ('creative_assignments', 'function', none),
    ('ticket_prices', 'price_min', none), ('ticket_prices', 'currency_code', none), ('ticket_prices', 'category', none),
    ('companies', 'name', "resolution = 'provisional' and name <> domain"),
    ('companies', 'city', "resolution = 'provisional'"), ('companies', 'country', "resolution = 'provisional'"),
    ('production_companies', 'company_id', "role = 'co_producer'"),
    ('venues', 'name', "resolution = 'provisional'"),
    ('financial_data', 'total_revenue', none), ('financial_data', 'total_expenses', none),
    ('financial_data', 'government_grants', none), ('financial_data', 'ticket_revenue', none),
    ('financial_data', 'currency_code', none), ('financial_data', 'period_start_date', none)
] %}

with evidence as (
    select * from {{ ref('core_evidence') }}
),

claimed as (
    {% for table, column, condition in claims %}
        select
            '{{ table }}' as entity,
            id as entity_id,
            '{{ column }}' as column_name,
            {{ column }}::text as value
        from {{ ref('core_' ~ table) }}
        where {{ column }} is not null{{ " and " ~ condition if condition }}
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

ungrounded as (
    select claimed.*
    from claimed
    left join evidence
        on
            claimed.entity = evidence.entity
            and claimed.entity_id = evidence.entity_id
            and claimed.column_name = evidence.column_name
    where evidence.id is null
)

select * from ungrounded
