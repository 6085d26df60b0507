with companies as (
    select * from {{ ref('int_companies') }}
),

productions as (
    select * from {{ ref('core_productions') }}
),

scores as (
    select
        company_id,
        round(avg(data_quality_score), 2) as data_quality_score
    from productions
    group by company_id
),

final as (
    select
        companies.id,
        companies.slug,
        companies.name,
        companies.name_native,
        companies.domain,
        companies.website_url,
        companies.city,
        companies.country,
        companies.country_code,
        companies.region,
        companies.latitude,
        companies.longitude,
        companies.timezone,
        companies.currency_code,
        companies.tier,
        companies.company_type,
        companies.primary_venue_name,
        companies.venue_capacity,
        companies.founded_year,
        companies.wikidata_id,
        true as is_active,
        scores.data_quality_score,
        companies.resolution,
        companies.resolution_score,
        companies.source_extraction_id,
        companies.source_pointer,
        companies.created_at,
        companies.updated_at,
        companies.last_confirmed_at
    from companies
    left join scores on companies.id = scores.company_id
)

select * from final
