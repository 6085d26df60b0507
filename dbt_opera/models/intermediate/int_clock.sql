with pages as (
    select * from {{ ref('stg_pages') }}
),

newest as (
    select
        max(last_seen_at) as newest_seen_at,
        (max(last_seen_at) at time zone 'UTC')::date as today
    from pages
)

select * from newest
