with decisions as (
    select * from {{ source('staging', 'resolution_decisions') }}
),

renamed as (
    select
        entity,
        left_key,
        right_key,
        decision,
        decided_at
    from decisions
)

select * from renamed
