with venues as (
    select * from {{ ref('int_venues') }}
),

final as (
    select distinct on (venue_id)
        venue_id as id,
        company_id,
        name,
        city,
        country_code,
        capacity,
        resolution,
        resolution_score,
        source_extraction_id,
        source_pointer,
        created_at,
        updated_at,
        last_confirmed_at
    from venues
    order by venue_id
)

select * from final
