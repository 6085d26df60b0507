with works as (
    select * from {{ ref('int_works_mentioned') }}
),

productions as (
    select distinct
        mention_id,
        production_id
    from {{ ref('int_mention_productions') }}
),

merged as (
    select
        productions.production_id,
        works.opera_work_id,
        {{ first_known('works.reference_id', 'works.pick_rank, works.ordinal') }} as reference_id,
        {{ first_known('works.extent', 'works.pick_rank, works.ordinal') }} as extent,
        {{ first_known('works.version', 'works.pick_rank, works.ordinal') }} as version,
        (array_agg(works.ordinal order by works.pick_rank, works.ordinal))[1] as best_ordinal,
        min(works.pick_rank) as best_rank,
        {{ first_known('works.mention_id', 'works.pick_rank, works.ordinal') }} as mention_id,
        {{ first_known('works.title_pointer', 'works.pick_rank, works.ordinal') }} as title_pointer,
        {{ first_known('works.resolution', 'works.resolution_score desc, works.pick_rank, works.ordinal') }}
            as resolution,
        max(works.resolution_score) as resolution_score
    from works
    inner join productions on works.mention_id = productions.mention_id
    group by productions.production_id, works.opera_work_id
),

ordered as (
    select
        *,
        row_number() over (
            partition by production_id
            order by best_ordinal, best_rank, opera_work_id
        )::integer as ordinal
    from merged
)

select * from ordered
