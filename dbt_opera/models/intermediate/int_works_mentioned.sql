with mentioned as (
    select * from {{ ref('int_titles_mentioned') }}
),

composers as (
    select * from {{ ref('int_composers') }}
),

titles as (
    select * from {{ ref('int_titles') }}
),

title_works as (
    select * from {{ ref('int_title_works') }}
),

reference_works as (
    select * from {{ ref('opera_works') }}
),

-- The composer of the bill is the composer of its only work; of several works only where the reference agrees.
composed as (
    select
        mentioned.mention_id,
        mentioned.ordinal,
        mentioned.title,
        mentioned.title_pointer,
        mentioned.extent,
        mentioned.version,
        mentioned.company_id,
        mentioned.genre,
        mentioned.pick_rank,
        titles.title_key,
        titles.is_adaptation or coalesce(own_titles.is_adaptation, false) as is_adaptation,
        own.composer_id,
        own.reference_id as composer_reference_id,
        own.composer,
        case when own.composer_id is null then bill.reference_id end as bill_composer_reference_id,
        case
            when mentioned.genre in ('ballet', 'play', 'concert') then mentioned.genre
        end as other_genre
    from mentioned
    inner join titles on mentioned.title = titles.printed
    left join titles as own_titles on mentioned.production_title = own_titles.printed
    left join composers as own
        on own.printed = coalesce(
                mentioned.own_composer, case when mentioned.works_count = 1 then mentioned.bill_composer end
            )
    left join composers as bill on mentioned.bill_composer = bill.printed
),

ranked_title_works as (
    select
        *,
        min(form_rank) over (partition by printed) as best_rank,
        min(form_rank) over (partition by printed, composer_reference_id) as best_rank_of_composer
    from title_works
),

-- The best form under which the reference knows the title, by one composer or by any.
by_composer as (
    select
        printed,
        composer_reference_id,
        min(work_id collate "C") as work_id,
        form_rank
    from ranked_title_works
    where form_rank = best_rank_of_composer
    group by printed, composer_reference_id, form_rank
    having count(*) = 1
),

-- Without a composer a title decides only where exactly one work bears it, and not by its subtitle.
by_title as (
    select
        printed,
        min(work_id collate "C") as work_id,
        form_rank
    from ranked_title_works
    where form_rank = best_rank and form_rank in (1, 2, 4, 5)
    group by printed, form_rank
    having count(*) = 1
),

looked_up as (
    select
        composed.*,
        -- The ballet of that title is another work, even by the same composer.
        case
            when composed.other_genre in ('ballet', 'play') then null
            else coalesce(
                    by_composer.work_id,
                    by_bill_composer.work_id,
                    case when composed.composer_id is null and composed.other_genre is null then by_title.work_id end
                )
        end as own_reference_id,
        coalesce(by_composer.form_rank, by_bill_composer.form_rank, by_title.form_rank) as form_rank,
        composed.other_genre in ('ballet', 'play') is not true
        and coalesce(by_composer.work_id, by_bill_composer.work_id) is not null as is_by_composer
    from composed
    left join by_composer
        on composed.title = by_composer.printed and composed.composer_reference_id = by_composer.composer_reference_id
    left join by_composer as by_bill_composer
        on
            composed.title = by_bill_composer.printed
            and composed.bill_composer_reference_id = by_bill_composer.composer_reference_id
    left join by_title on composed.title = by_title.printed
),

identified as (
    select
        *,
        case
            when own_reference_id is not null then {{ key('work', ['own_reference_id']) }}
            else {{ key('work_title', ['title_key', 'composer_id', 'other_genre']) }}
        end as own_work_id
    from looked_up
),

-- What else the same company says about a work it calls so: a calendar that prints the bare title means the work whose
-- composer, or whose being a ballet, stands on the work's own page.
explained as (
    select
        company_id,
        title_key,
        min(own_work_id collate "C") as work_id
    from identified
    where composer_id is not null or is_by_composer or other_genre is not null
    group by company_id, title_key
    having count(distinct own_work_id) = 1
),

explanations as (
    select distinct on (identified.company_id, identified.title_key)
        identified.company_id,
        identified.title_key,
        identified.own_work_id,
        identified.own_reference_id,
        identified.composer_id,
        identified.composer,
        identified.other_genre
    from identified
    inner join explained
        on
            identified.company_id = explained.company_id
            and identified.title_key = explained.title_key
            and identified.own_work_id = explained.work_id
    where identified.composer_id is not null or identified.is_by_composer or identified.other_genre is not null
    order by identified.company_id, identified.title_key, identified.pick_rank, identified.ordinal
),

resolved as (
    select
        identified.mention_id,
        identified.company_id,
        identified.ordinal,
        identified.title,
        identified.title_key,
        identified.title_pointer,
        identified.pick_rank,
        identified.version,
        coalesce(
            identified.extent, case when identified.is_adaptation then 'adaptation' end
        ) as extent,
        coalesce(explanations.own_work_id, identified.own_work_id) as opera_work_id,
        case
            when explanations.own_work_id is not null then explanations.own_reference_id
            else identified.own_reference_id
        end as reference_id,
        case
            when explanations.own_work_id is not null then explanations.composer_id else identified.composer_id
        end as composer_id,
        case
            when explanations.own_work_id is not null then explanations.composer else identified.composer
        end as composer,
        case
            when explanations.own_work_id is not null then explanations.other_genre else identified.other_genre
        end as other_genre,
        identified.form_rank,
        identified.is_by_composer,
        explanations.own_work_id is not null as is_explained
    from identified
    left join explanations
        on
            identified.company_id = explanations.company_id
            and identified.title_key = explanations.title_key
            and identified.composer_id is null
            and not identified.is_by_composer
            and identified.other_genre is null
),

scored as (
    select
        resolved.*,
        reference_works.title as reference_title,
        case
            when resolved.reference_id is null then 'provisional'
            when resolved.form_rank = 1 and resolved.title_key = {{ normalised('reference_works.title') }}
                then 'reference'
            when resolved.form_rank = 1 then 'alias'
            else 'normalised'
        end as resolution,
        case
            when resolved.reference_id is null then 0.50
            when resolved.is_by_composer and resolved.form_rank = 1 then 1.00
            when resolved.is_by_composer then 0.90
            when resolved.is_explained then 0.90
            when resolved.form_rank = 1 then 0.80
            else 0.70
        end::numeric(3, 2) as resolution_score
    from resolved
    left join reference_works on resolved.reference_id = reference_works.work_id
)

select * from scored
