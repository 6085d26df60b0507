with runs as (
    select * from {{ source('staging', 'crawl_runs') }}
),

renamed as (
    select
        id as crawl_run_id,
        company_domain,
        started_at,
        finished_at,
        outcome
    from runs
)

select * from renamed
