with stagings as (
    select * from {{ ref('int_production_stagings') }}
),

productions as (
    select * from {{ ref('core_productions') }}
),

seasons as (
    select * from {{ ref('core_seasons') }}
),

runs as (
    select
        productions.*,
        row_number() over (
            partition by stagings.staging_id
            order by seasons.start_date nulls last, productions.id
        ) as run_number
    from stagings
    inner join productions on stagings.production_id = productions.id
    left join seasons on productions.season_id = seasons.id
),

final as (
    select
        staging_id as id,
        company_id,
        {{ first_known('opera_work_id', 'run_number') }} as opera_work_id,
        {{ first_known('production_title', 'run_number') }} as title,
        {{ first_known('director', 'run_number') }} as director,
        {{ first_known('set_designer', 'run_number') }} as set_designer,
        {{ first_known('costume_designer', 'run_number') }} as costume_designer,
        min(premiere_date) filter (where production_type = 'new') as first_night_date,
        'normalised' as resolution,
        min(resolution_score) as resolution_score,
        {{ first_known('source_extraction_id', 'run_number') }} as source_extraction_id,
        {{ first_known('source_pointer', 'run_number') }} as source_pointer,
        min(created_at) as created_at,
        max(updated_at) as updated_at,
        max(last_confirmed_at) as last_confirmed_at
    from runs
    group by staging_id, company_id
)

select * from final
