with works as (
    select * from {{ ref('int_works_mentioned') }}
),

contradicted as (
    select
        opera_work_id,
        count(distinct composer_id) as composers_count
    from works
    group by opera_work_id
    having count(distinct composer_id) > 1
)

select * from contradicted
